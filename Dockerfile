# docker build -t msgd . && docker run -p 127.0.0.1:3000:3000 -v msgd-data:/var/lib/msgd msgd
#
# Runs as an unprivileged user, also with --read-only --tmpfs /tmp --cap-drop ALL. To run on
# PostgreSQL instead: -e DB_HOST=… -e DB_USER=… -e DB_PASSWORD=…; docs/operating.md says more.

FROM debian:bookworm-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /libmsg
# The packages make a layer of their own, which only a change of the list makes anew.
COPY scripts/lib scripts/lib
RUN source scripts/lib/deps.sh && install_deps "${MSG_BUILD_PACKAGES[@]}" $(web_packages)
COPY . .
RUN scripts/run --build-only && \
    cmake --install build/release --component Unspecified --strip --prefix /usr/local

# What was built, and nothing else. Who has msgd and msgctl for Debian 12 in a folder saves the
# compilation: docker build --build-context built=FOLDER .
FROM scratch AS built
COPY --from=build /usr/local/bin/msgd /usr/local/bin/msgctl /

FROM debian:bookworm-slim AS msgd
RUN apt-get update -q && \
    apt-get install -qy --no-install-recommends ca-certificates libboost-json1.81.0 \
      libboost-url1.81.0 libsqlite3-0 libpq5 librocksdb7.8 libsodium23 libssl3 libfmt9 \
      libnats3.4 libhiredis0.14 libtomlplusplus3 libedit2 && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* && \
    groupadd --system --gid 10001 msgd && \
    useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/msgd --no-create-home msgd && \
    install -d -o msgd -g msgd -m 0700 /var/lib/msgd
COPY scripts/deploy/msgd.toml /etc/msgd.toml
COPY --from=built /msgd /msgctl /usr/local/bin/
ENV MSG_CONFIG=/etc/msgd.toml
USER 10001:10001
WORKDIR /var/lib/msgd
VOLUME /var/lib/msgd
EXPOSE 3000
# Elsewhere than on this port, or with TLS: MSG_URL.
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["/bin/sh", "-c", "exec msgctl --url \"${MSG_URL:-http://127.0.0.1:${PORT:-3000}}\" health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["msgd"]
