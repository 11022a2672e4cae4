FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY scripts scripts
RUN node -e "process.exit(process.versions.node.split('.')[0] >= 24 ? 0 : 1)" && npm install --no-save --no-audit --no-fund
COPY . .
RUN node scripts/build.ts && npm prune --omit=dev

FROM node:24-slim
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/client/bin.mjs client/bin.mjs
COPY --from=build /build/dist dist
USER node
ENTRYPOINT ["node", "/app/dist/client/main.js"]
CMD ["--help"]
