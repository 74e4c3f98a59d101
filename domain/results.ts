import type { Micros } from './money.ts';
import type { StageName } from './stages.ts';
import type { ArtifactName, ArtifactRef } from './video.ts';

/** The six designs of motion card; scenes rotate through them, so that no two neighbours match. */
export const CARD_KINDS = ['title', 'bullets', 'number', 'quote', 'comparison', 'outro'] as const;
export type CardKind = (typeof CARD_KINDS)[number];

/** What one card says. Only the fields that its kind shows are set. */
export interface Card {
  kind: CardKind;
  /** Small line above the title: the video's topic, or the number of the scene. */
  kicker: string;
  title: string;
  bullets?: string[];
  /** The figure of a `number` card with its unit, for example "11,000 m". */
  figure?: string;
  caption?: string;
  quote?: string;
  /** The two sides of a `comparison`. */
  left?: string;
  right?: string;
}

export interface Scene {
  heading: string;
  card: Card;
  /** Narration of the scene, one entry a sentence; each is spoken to a file of its own. */
  sentences: string[];
  /** Search words for footage. */
  keywords: string[];
}

/** `article`: taken from the article; `script`: spoken word for word; `outline`: a topic alone, so no facts. */
export type ScriptSource = 'article' | 'script' | 'outline' | 'llm';

export interface ScriptResult {
  title: string;
  description: string;
  tags: string[];
  language: string;
  source: ScriptSource;
  /** Everything that its source says is in it: it cannot become longer. */
  whole?: true;
  /** Written for the speed that the narration before it was measured at; it is not written anew once more. */
  fitted?: true;
  scenes: Scene[];
}

/** A stretch of speech on the clock of the finished narration. */
export interface TimedWord {
  text: string;
  startMs: number;
  endMs: number;
}

export interface TimedSentence extends TimedWord {
  /** Index into ScriptResult.scenes. */
  scene: number;
  words: TimedWord[];
}

export interface AudioResult {
  /** 48 kHz WAV, already mastered to -14 LUFS: mono, or stereo with its music. */
  narration: ArtifactRef;
  durationMs: number;
  /** Start of each scene on the narration's clock; scene i ends where scene i + 1 starts. */
  sceneStartsMs: number[];
  sentences: TimedSentence[];
  loudnessLufs: number;
  truePeakDbtp: number;
  /** Name of the engine or voice that spoke, for the licences of the upload folder. */
  voice: string;
  /** Keys of the shared files that paid sentences came from; missing where none was paid. */
  sentenceFiles?: string[];
  /** What plays under the speech; missing without music. */
  music?: MusicCredit;
}

/** Where the music came from. */
export interface MusicCredit {
  name: string;
  source: string;
  licence: string;
  sha256: string;
}

/** What is seen during a scene: a designed card, or clips one after the other. */
export type SceneMedia = CardMedia | FootageMedia;

export interface CardMedia {
  kind: 'card';
  /** Picture 1.2 times the frame, so that the camera can pan over it. */
  background: ArtifactRef;
  /** Frame-sized transparent picture with the card's words. */
  overlay: ArtifactRef;
  licence: Licence;
}

export interface FootageMedia {
  kind: 'footage';
  clips: Clip[];
  /** Frame-sized transparent picture with the on-screen words, over the clips. */
  overlay: ArtifactRef;
}

export interface Clip {
  file: ArtifactRef;
  /** Usable length. */
  durationMs: number;
  /** As seen, after rotation. */
  width: number;
  height: number;
  /** Frames per second of the file, 0 when variable. */
  fps: number;
  /** Colour matrix tag of the file, null when untagged. */
  colorSpace: string | null;
  /** An image, twice the frame's size, that is zoomed slowly. */
  still?: true;
  licence: Licence;
}

/** Where a piece of media came from: what a channel needs when a copyright claim arrives. */
export interface Licence {
  source: string;
  id: string;
  author: string;
  licence: string;
  url?: string;
  /** ISO 8601; when the file was taken from its source. */
  fetchedAt?: string;
  sha256: string;
}

export interface MediaResult {
  scenes: SceneMedia[];
}

export interface RenderResult {
  video: ArtifactRef;
  durationMs: number;
  frames: number;
  encoder: string;
  /** Segments encoded by this attempt; the rest were finished by an earlier one. */
  segmentsRendered: number;
  segmentsReused: number;
}

export interface QualityCheck {
  name: string;
  value: number | string;
  bound: string;
  ok: boolean;
  /** A hard check that fails, fails the video; a soft one is a warning. */
  hard: boolean;
}

export interface QualityResult {
  /** Share of checks passed, 0 to 1. */
  score: number;
  checks: QualityCheck[];
}

export interface UploadResult {
  files: Record<ArtifactName, ArtifactRef>;
}

/** What each stage hands to the later ones; kept in `stage_results`. */
export interface StageResults {
  script_generation: ScriptResult;
  audio_synthesis: AudioResult;
  media_collection: MediaResult;
  video_rendering: RenderResult;
  quality_validation: QualityResult;
  upload_preparation: UploadResult;
}

/** How a stage was made, shown in the status and the result: {speech: "hibari-tts"}, {llm: "offline"}. */
export type Providers = Record<string, string>;

/** A warning that does not stop the video. */
export interface Warning {
  stage: StageName;
  code: string;
  message: string;
}

/** The bill that lies in the upload folder; amounts are dollars with at most six decimals. */
export interface Bill {
  video_id: string;
  currency: 'USD';
  total_cost: number;
  cap: number;
  within_budget: boolean;
  /** All that the total is made of. */
  charges: BillLine[];
  /** Stored answers that took the place of a call, at what that had cost; no part of the total. */
  saved: BillLine[];
}

export interface BillLine {
  stage: StageName | null;
  service: string;
  operation: string;
  quantity: number;
  unit: string;
  amount: number;
  state: string;
}

/** Services that the ledger knows. */
export const SERVICES = [
  'openai',
  'tts',
  'media_api',
  'gpu_compute',
  'cpu_compute',
  'storage',
  'youtube_api',
] as const;
export type Service = (typeof SERVICES)[number];

/** One use of something that has a price; the price list turns it into an amount. */
export interface Usage {
  service: Service;
  operation: string;
  provider: string;
  model: string;
  quantity: number;
  unit: string;
}

/** A priced usage, ready for the ledger. `key` makes it idempotent: run id / activity id / attempt / call number. */
export interface Charge extends Usage {
  key: string;
  amount: Micros;
}
