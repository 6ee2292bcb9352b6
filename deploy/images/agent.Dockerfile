# The agent of a spoke cluster. It dials out and listens on nothing unless FLOTILLA_AGENT_LISTEN is set.
#   docker build -f deploy/images/agent.Dockerfile -t flotilla/agent:0.1.0 .

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund
RUN node node_modules/typescript/bin/tsc -b apps/agent
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --omit=optional --include-workspace-root=false --workspace=apps/agent

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="flotilla agent" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/libs libs
COPY --from=build /src/apps/agent apps/agent
RUN install -d -o node -g node -m 0700 /var/lib/flotilla-agent
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=65536 \
    GLIBC_TUNABLES=glibc.malloc.tcache_count=0
USER node
# The flags keep the process small; libs/contracts/src/agent-process.ts says why.
ENTRYPOINT ["node", "--max-semi-space-size=2", "--optimize-for-size", "--no-turbofan", "--expose-gc", "apps/agent/dist/src/main.js"]
