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

# Nothing but the program: it is static and has the time zones in it. What it takes from a system is the certificates
# of authorities, for a database or Redis that is reached by TLS.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/readout /readout
# Where a node with SQLite, the default, has its file; mount a volume here.
COPY --from=build --chown=65532:65532 /out/data /data
WORKDIR /data
USER 65532:65532
ENV READOUT_LISTEN=:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/readout", "health"]
ENTRYPOINT ["/readout"]
CMD ["serve"]
