# Two stages: the first builds, the second holds nothing but Debian and the binary.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src

# Dependencies in a layer of their own, which only a change of Cargo.toml or Cargo.lock builds again. Cargo wants a
# file for every target that the manifest names; empty ones do.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && echo 'fn main() {}' | tee build.rs > src/main.rs \
    && touch src/lib.rs \
    && sed -n 's/^path = "\(.*\)"$/\1/p' Cargo.toml | while read -r file; do mkdir -p "$(dirname "$file")" && touch "$file"; done \
    && cargo build --profile shipped --locked --bin dictum \
    && cargo clean --profile shipped --package dictum

# What the binary is made of, for those who look for what is known of its parts.
RUN cargo install --locked --version 0.5.9 cargo-cyclonedx

COPY build.rs ./
COPY proto proto
COPY models models
COPY seeds seeds
COPY src src
# No time and no path of the machine goes into it: the same sources give the same bytes.
RUN cargo build --profile shipped --locked --bin dictum \
    && SOURCE_DATE_EPOCH=0 cargo cyclonedx --format json --target x86_64-unknown-linux-gnu --override-filename dictum.cdx

FROM debian:bookworm-slim
RUN groupadd --gid 10001 dictum \
    && useradd --uid 10001 --gid dictum --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dictum \
    && install -d -o dictum -g dictum -m 0750 /data
COPY --from=build /src/target/shipped/dictum /usr/local/bin/dictum
COPY --from=build /src/dictum.cdx.json /usr/share/doc/dictum/dictum.cdx.json

LABEL org.opencontainers.image.title="Dictum" \
    org.opencontainers.image.description="Who said what, about whom, where and when: a quote database as one gRPC service" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="0.7.0"

# By number, so that an orchestrator can tell that it is not root.
USER 10001:10001
# Listens to everybody, and so refuses to start without certificate and keys (DICTUM_TLS_CERT, DICTUM_TLS_KEY, DICTUM_KEYS), or
# DICTUM_INSECURE=true.
ENV DICTUM_DATA_DIR=/data DICTUM_LISTEN=0.0.0.0:50051 DICTUM_HTTP=0.0.0.0:9464 DICTUM_LOG_FORMAT=json
# Threads share glibc's memory: with an arena each, every one keeps room for the longest texts that it has seen.
ENV MALLOC_ARENA_MAX=2
# The one place that is written to; the root file system may be read-only.
VOLUME /data
EXPOSE 50051 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s CMD ["dictum", "probe", "--http", "127.0.0.1:9464"]
ENTRYPOINT ["dictum"]
CMD ["serve"]
