# PostgreSQL 15 with pg_auto_failover, from Debian's packages, for docker-compose.yml.
FROM debian:bookworm-slim
RUN apt-get update -q && \
    apt-get install -qy --no-install-recommends postgresql-common && \
    # No database of the package's own.
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf && \
    apt-get install -qy --no-install-recommends postgresql-15 postgresql-15-auto-failover \
      pg-auto-failover-cli && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* && \
    install -d -o postgres -g postgres -m 0700 /var/lib/postgresql
COPY scripts/deploy/postgres-node /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data
USER postgres
WORKDIR /var/lib/postgresql
VOLUME /var/lib/postgresql
EXPOSE 5432
# Ends with its transactions cut off, and nothing acknowledged lost.
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres-node"]
