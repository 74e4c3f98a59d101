import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * An NVIDIA card made of two programs: an nvidia-smi, and an ffmpeg that lists h264_nvenc and encodes with it by
 * libx264, as long as the card is there. It speaks the documented formats; no card was at hand to compare.
 */
export class FakeCard {
  readonly uuid: string;
  readonly ffmpeg: string;
  readonly nvidiaSmi: string;
  readonly #folder: string;

  /** `ffmpeg` does the real work. */
  constructor(ffmpeg: string, uuid = 'GPU-00000000-0000-4000-8000-000000000001') {
    this.uuid = uuid;
    this.#folder = mkdtempSync(join(tmpdir(), 'ytempire-card-'));
    this.ffmpeg = this.#program('ffmpeg', ffmpegScript(this.#gone, this.#hung, ffmpeg));
    this.nvidiaSmi = this.#program('nvidia-smi', smiScript(this.#gone, uuid));
  }

  get #gone(): string {
    return join(this.#folder, 'gone');
  }

  get #hung(): string {
    return join(this.#folder, 'hung');
  }

  /** It encodes nothing any more, whatever runs. */
  fallOff(): void {
    writeFileSync(this.#gone, '');
  }

  /** Whoever encodes with it hangs from now on, whatever signal it is sent. */
  hang(): void {
    writeFileSync(this.#hung, '');
  }

  /** How many have hung since. */
  hangers(): number {
    return readFileSync(this.#hung, 'utf8').length;
  }

  comeBack(): void {
    for (const state of [this.#gone, this.#hung]) rmSync(state, { force: true });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #program(name: string, script: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, script);
    chmodSync(path, 0o755);
    return path;
  }
}

function smiScript(gone: string, uuid: string): string {
  return `#!/bin/sh
if [ -e ${gone} ]; then echo "Unable to determine the device handle for GPU0000:01:00.0: GPU is lost."; exit 15; fi
echo "NVIDIA GeForce RTX 5090, ${uuid}, 32607, 1204, 31002, 37, 51"
`;
}

/**
 * NVENC's options are taken away, and its name is replaced. No test can make a program that outlives SIGKILL: one in a
 * session of its own that holds the output open stands for it.
 */
function ffmpegScript(gone: string, hung: string, ffmpeg: string): string {
  return `#!/bin/bash
if [[ "$*" == *"-encoders"* ]]; then
  echo " V....D h264_nvenc           NVIDIA NVENC H.264 encoder (codec h264)"
  echo " V....D libx264              libx264 H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10 (codec h264)"
  echo " A....D aac                  AAC (Advanced Audio Coding)"
  exit 0
fi
if [[ "$*" == *"h264_nvenc"* && -e ${gone} ]]; then echo "[h264_nvenc @ 0x1] No capable devices found" >&2; exit 1; fi
if [[ "$*" == *"h264_nvenc"* && -e ${hung} ]]; then
  trap '' TERM
  setsid sh -c 'printf x >> ${hung}; while test -e ${hung}; do sleep 0.1; done' &
  wait
fi
args=(); skip=0
for arg in "$@"; do
  if (( skip )); then skip=0; continue; fi
  case "$arg" in
    -rc|-cq|-b:v) skip=1 ;;
    p7) args+=(ultrafast) ;;
    h264_nvenc) args+=(libx264) ;;
    *) args+=("$arg") ;;
  esac
done
exec ${ffmpeg} "\${args[@]}"
`;
}
