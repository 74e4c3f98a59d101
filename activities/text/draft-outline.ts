import { oneLine, shorten } from './clean-text.ts';
import type { Draft } from './draft.ts';
import { draftWords } from './scene-size.ts';
import { splitSentences } from './sentences.ts';

const MAX_TOPIC_CHARS = 90;

/**
 * The outline of a video about a topic of which nothing is known here: what to ask, how to find out, how to build
 * it. It says so, and states nothing about the topic itself. The first and the last scene are always there; the
 * number between follows the wanted words, up to about a minute and a half of them.
 */
export function draftOutline(topic: string, words: number): { drafts: Draft[]; whole: boolean } {
  const [first, ...inner] = scenes(shorten(oneLine(topic), MAX_TOPIC_CHARS));
  const last = inner.pop();
  if (!first || !last) return { drafts: [], whole: true };
  let spoken = draftWords(first) + draftWords(last);
  const kept: Draft[] = [];
  for (const scene of inner) {
    // Half of the next scene too many is nearer than half of it too few.
    if (spoken + draftWords(scene) / 2 > words) break;
    spoken += draftWords(scene);
    kept.push(scene);
  }
  return { drafts: [first, ...kept, last], whole: kept.length === inner.length };
}

function scenes(topic: string): Draft[] {
  const named = /[.!?…]$/u.test(topic) ? topic : `${topic}.`;
  return [
    scene('What this is', [
      `The topic: ${named}`,
      'This is an outline. Nothing has been looked up, so it states no facts.',
    ]),
    scene(
      'Questions to answer',
      [
        'A good video on it answers 5 questions.',
        'What is it, and how does it work? Who is affected, since when, and why now?',
      ],
      ['What is it?', 'How does it work?', 'Who is affected?', 'Since when?', 'Why now?'],
    ),
    scene('Known and open', [
      'Keep two lists while you read.',
      'What several sources agree on goes on one, while what is disputed goes on the other.',
    ]),
    scene('A rule for every claim', [
      'For every claim, write down where it comes from.',
      'A claim without a source stays out of the script.',
    ]),
    ...RESEARCH,
    scene('From outline to video', [
      'Now fill this outline with what you find.',
      'Send the text as an article or a script, and it becomes the narration of the video.',
    ]),
  ];
}

function scene(heading: string, sentences: string[], bullets: string[] = []): Draft {
  return { heading, sentences: sentences.flatMap(splitSentences), bullets, quote: null };
}

const RESEARCH: readonly Draft[] = [
  scene(
    'Where to look',
    ['Start with a textbook or an overview, go on to original work, and then ask someone who does it daily.'],
    ['An overview or textbook', 'Original work', 'Someone who does it daily'],
  ),
  scene('An example to show', [
    'Find one example that a viewer can picture.',
    'Follow it from beginning to end, and hang the explanation on it.',
  ]),
  scene('The other side', [
    'Look for the best argument against your main point.',
    'If you can answer it, say how; if you cannot, say that too.',
  ]),
  scene(
    'An order that works',
    [
      'Open with the question, show the example, explain what happens in it, and end with what it means for the viewer.',
    ],
    ['The question', 'The example', 'The explanation', 'What it means'],
  ),
  scene('Cut it short', [
    'Read the finished script aloud with a clock.',
    'At a calm pace, 150 words fill about one minute.',
  ]),
];
