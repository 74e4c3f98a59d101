import type { Order } from '../../domain/video.ts';
import { oneLine } from '../text/clean-text.ts';
import { type Ground, groundedWords, groundOf, isGrounded } from '../text/grounding.ts';
import { titleFrom } from '../text/labels.ts';
import { splitSentences } from '../text/sentences.ts';
import { keywords } from '../text/words.ts';

interface Answered {
  title: string;
  description: string;
  tags: string[];
}

interface Labels {
  /** The first that a title can be made of. */
  titles: string[];
  description: string;
  tags: string[];
}

/** Share of a sentence of the description whose words must be the article's own: the rest joins them. */
const OWN_SHARE = 2 / 3;
/** Tags from the narration beside those of the model that are taken. */
const OWN_TAGS = 5;

/**
 * Titles, description and tags of a model's answer. A topic is the customer's own, so the answer is taken as it is. An
 * article may hold sentences that tell a model to advertise something: of it a title and tags are taken whose every
 * word the article uses for its subject, and of the description the sentences that mostly do; else the article's own.
 */
export function labelsOf(answer: Answered, narration: readonly string[], order: Order): Labels {
  if (order.article === undefined) {
    return { ...answer, titles: [answer.title, titleFrom(narration[0] ?? '')] };
  }
  const ground = groundOf(order.article, order);
  const called = isGrounded(answer.title, ground, 1) ? answer.title : '';
  const titles = [called, ground.title ?? '', titleFrom(ground.opening)];
  return { titles, description: describedBy(answer, ground), tags: tagsOf(answer, narration, ground) };
}

function describedBy({ description }: Answered, ground: Ground): string {
  const own = splitSentences(oneLine(description)).filter((text) => isGrounded(text, ground, OWN_SHARE));
  return own.join(' ') || ground.opening;
}

function tagsOf({ tags }: Answered, narration: readonly string[], ground: Ground): string[] {
  const isOwn = (tag: string) => isGrounded(tag, ground, 1);
  return [...tags.filter(isOwn), ...keywords(groundedWords(narration.join(' '), ground), OWN_TAGS)];
}
