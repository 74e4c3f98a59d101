# The image of every process: API, workers, migrations. `docker build -t ytempire .`
# `--target run-with-voice` adds the neural voice (about 1 GB); without it, and without a key, espeak-ng speaks.

FROM node:20.19-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY domain domain
COPY workflows workflows
COPY infra infra
COPY activities activities
COPY workers workers
COPY api api
COPY cli cli
COPY test/bench test/bench
COPY test/chaos test/chaos
COPY test/support test/support
RUN node infra/build.mjs && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20.19-bookworm-slim AS run
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates espeak-ng ffmpeg util-linux \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
# The fonts are packages too.
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/infra/migrations infra/migrations
COPY --from=build /app/infra/prices.json infra/prices.json
COPY --from=build /app/activities/providers/speech-hibari.py activities/providers/speech-hibari.py
COPY --from=build --chown=node:node /app/.build .build
# A new volume takes over the owner of the folder that it is mounted on.
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production DATA_DIR=/data ESPEAK_PATH=/usr/bin/espeak-ng
USER node
CMD ["node", "--enable-source-maps", ".build/api.js"]

FROM run AS run-with-voice
USER root
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv \
  && rm -rf /var/lib/apt/lists/* \
  && python3 -m venv /opt/voice \
  && /opt/voice/bin/pip install --no-cache-dir hibari-tts==0.2.1
ENV TTS_PYTHON=/opt/voice/bin/python
USER node
