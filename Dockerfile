# docker build -t msgd . && docker run -p 127.0.0.1:3000:3000 -v msgd-data:/var/lib/msgd msgd
FROM debian:bookworm AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /libmsg
# The packages make a layer of their own, which only a change of the list makes anew.
COPY scripts scripts
RUN source scripts/lib/deps.sh && install_deps "${MSG_BUILD_PACKAGES[@]}" $(web_packages)
COPY . .
RUN scripts/run --build-only && \
    cmake --install build/release --component Unspecified --strip --prefix /usr/local

FROM debian:bookworm-slim
RUN apt-get update -q && \
    apt-get install -qy --no-install-recommends libboost-json1.81.0 libboost-url1.81.0 \
      libsqlite3-0 libpq5 librocksdb7.8 libsodium23 libssl3 libfmt9 libtomlplusplus3 libedit2 && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 10001 --home-dir /var/lib/msgd --create-home msgd
COPY --from=build /usr/local/bin/msgd /usr/local/bin/msgctl /usr/local/bin/
USER msgd
WORKDIR /var/lib/msgd
VOLUME /var/lib/msgd
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["msgctl", "health"]
STOPSIGNAL SIGTERM
# Inside a container only 0.0.0.0 can be published. There is no TLS yet: publish the port to
# loopback, or to a proxy that has it.
ENTRYPOINT ["msgd"]
CMD ["--listen", "0.0.0.0:3000", "--insecure-listen", "--store", "sqlite:/var/lib/msgd/msg.db"]
