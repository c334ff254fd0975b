# Any image of glibc with Node 24 or newer works: the native module of the agent has no build for musl.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm install --no-save --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN node_modules/.bin/tsc -p tsconfig.build.json

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm install --no-save --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="vippool" \
      org.opencontainers.image.description="Pools of floating virtual IPs on real hosts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /opt/vippool
COPY LICENSE package.json ./
COPY --from=dependencies /build/node_modules node_modules
COPY --from=build /build/dist dist
# The controller needs no privilege. The agent needs root with CAP_NET_ADMIN and CAP_NET_RAW: its pod asks for them.
USER 65532:65532
ENTRYPOINT ["node", "/opt/vippool/dist/bin/vippool.js"]
