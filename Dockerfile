# The image that pipelines deploy with (CICDCTL_IMAGE): docker build --tag cicdctl .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /cicdctl ./cmd/cicdctl

# With a shell, which the jobs of GitLab need, and with Git, which finds what has changed.
FROM alpine:3.22
RUN apk add --no-cache ca-certificates git
COPY --from=build /cicdctl /usr/local/bin/cicdctl
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/cicdctl"]
