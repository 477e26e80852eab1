package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
)

// ecrLogin returns a repository's address and a password for it, which lasts 12 hours.
func ecrLogin(ctx context.Context, cfg aws.Config, repository string) (address, password string, err error) {
	api := ecr.NewFromConfig(cfg)
	found, err := api.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{repository}})
	if err != nil {
		return "", "", err
	}
	given, err := api.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return "", "", err
	}
	if len(found.Repositories) != 1 || len(given.AuthorizationData) != 1 {
		return "", "", fmt.Errorf("ECR tells %d repositories and %d tokens for %s", len(found.Repositories), len(given.AuthorizationData), repository)
	}
	pair, err := base64.StdEncoding.DecodeString(aws.ToString(given.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		return "", "", fmt.Errorf("read ECR's token: %w", err)
	}
	_, password, ok := strings.Cut(string(pair), ":")
	if !ok {
		return "", "", errors.New("ECR's token is no user with a password")
	}
	return aws.ToString(found.Repositories[0].RepositoryUri), password, nil
}
