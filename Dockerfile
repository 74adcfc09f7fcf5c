# hubproof and the reference hub as static programs in an image that holds nothing else.
FROM rust:1.95-alpine AS build
# The default TLS provider has C and assembly in it.
RUN apk add --no-cache build-base ca-certificates
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin hubproof --bin reference-hub

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/target/release/hubproof /src/target/release/reference-hub /
# Mount the directory of the profile here; the reports go there too.
WORKDIR /work
ENTRYPOINT ["/hubproof"]
