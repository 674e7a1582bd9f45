# syntax=docker/dockerfile:1.12

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -trimpath -ldflags=-s -o /out/readout ./cmd/readout
RUN mkdir /out/data

# The image has only the program, which is static and contains the time zones. The only thing that it needs from a system
# is the CA certificates, for a PostgreSQL or Redis that it reaches over TLS.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/readout /readout
# A node with SQLite, which is the default, keeps its database here; mount a volume.
COPY --from=build --chown=65532:65532 /out/data /data
WORKDIR /data
USER 65532:65532
ENV READOUT_LISTEN=:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/readout", "health"]
ENTRYPOINT ["/readout"]
CMD ["serve"]
