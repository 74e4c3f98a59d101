import { StageError } from '../../domain/errors.ts';

/** What was put is not in the store any more. Unlike a store that is away, no wait brings it back. */
export class ArtifactGone extends StageError {
  constructor(message: string) {
    super('infrastructure', message);
  }
}

/** The error of a reader whose file is not there. */
export function missing(key: string): ArtifactGone {
  return new ArtifactGone(`artifact ${key} is missing`);
}

/** The error of a reader who finds other bytes than were put. */
export function otherFile(key: string): ArtifactGone {
  return new ArtifactGone(`artifact ${key} is not the file that was stored`);
}
