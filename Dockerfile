# check=error=true
# The operator's image: built on Debian 12, shipped as the program with its libraries, FreeTDS' ODBC
# driver and certificate authorities. No shell, no package manager. hack/image-rootfs.sh makes and
# runs the same files without a container engine.
#
#   docker build --tag milink-operator:0.1.0 .
FROM debian:bookworm AS build
WORKDIR /src
# Apart from the source, so that packages are installed again only when their list changes.
COPY hack/install-deps.sh hack/
RUN hack/install-deps.sh --build
COPY . .
RUN cmake --preset release -DMILINK_BUILD_TESTS=OFF -DMILINK_BUILD_BENCHMARKS=OFF \
    && cmake --build --preset release --target milink-operator \
    && hack/image-rootfs.sh make build/release/operator/milink-operator /rootfs

FROM scratch
LABEL org.opencontainers.image.title="milink-operator" \
      org.opencontainers.image.description="Links SQL Server databases to Azure SQL Managed Instance" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs /
USER 65532:65532
EXPOSE 8081
ENTRYPOINT ["/usr/bin/milink-operator"]
