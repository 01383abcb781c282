# `docker build --tag qga .`, and then what qga-cli/README.md says under "In a container".

FROM rust:1-alpine AS build
WORKDIR /source
COPY . .
RUN packaging/root-fs /root-fs

# Nothing but the program: no shell, no libraries, no users. A test runs it in a folder that was made by these same lines.
FROM scratch
LABEL org.opencontainers.image.title="qga" \
      org.opencontainers.image.description="Talk to the QEMU guest agent from a terminal, a script or a container" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /root-fs/ /
# There is no home folder that could have a configuration.
ENV QGA_CONFIG=/etc/qga/config.toml
USER 65532:65532
ENTRYPOINT ["/qga"]
CMD ["--help"]
