# One image for every service of the hub; the command says which one runs.
#   docker build -f deploy/images/hub.Dockerfile -t flotilla/hub:0.1.0 .
#   docker run flotilla/hub:0.1.0 apps/registry/dist/src/main.js

# Helm and Kustomize, built from the published modules; Go checks them against its checksum database.
FROM golang:1.26-bookworm AS tools
ENV GOBIN=/out CGO_ENABLED=0 GOTOOLCHAIN=local
RUN go install -trimpath helm.sh/helm/v4/cmd/helm@v4.3.1
RUN go install -trimpath sigs.k8s.io/kustomize/kustomize/v5@v5.8.2

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund
RUN node node_modules/typescript/bin/tsc -b apps/hub apps/gateway apps/registry apps/expander apps/renderer apps/orchestrator apps/broker apps/notifier
# What runs: dependencies of these workspaces without compilers and test tools.
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --omit=optional --include-workspace-root=false \
    --workspace=apps/hub --workspace=apps/gateway --workspace=apps/registry --workspace=apps/expander \
    --workspace=apps/renderer --workspace=apps/orchestrator --workspace=apps/broker \
    --workspace=apps/notifier

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="flotilla hub" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
 && rm -rf /var/lib/apt/lists/*
COPY --from=tools /out/helm /out/kustomize /usr/local/bin/
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/libs libs
COPY --from=build /src/apps apps
COPY deploy/images/prepare-volumes.mjs deploy/images/check-ready.mjs deploy/images/
# Named volumes take over the owner of the directories they cover.
RUN install -d -o node -g node -m 0700 /var/lib/flotilla /var/lib/flotilla/authority /var/lib/flotilla/keys \
    /var/lib/flotilla/tls /var/lib/flotilla/nats /var/lib/flotilla/accounts /var/lib/flotilla/git
ENV NODE_ENV=production
USER node
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["apps/gateway/dist/src/main.js"]
