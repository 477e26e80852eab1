package main

import (
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

const (
	// sandboxPace is how long polls of the sandbox wait: its slow things take as many looks
	// as it says, not as much time.
	sandboxPace = 60 * time.Millisecond
	// sandboxPage is how many items a list of the sandbox has on one page: enough that ten
	// clients at once do not spend their time on turning pages.
	sandboxPage = 25
)

// connect says how AWS is reached, or the embedded account where there is a file of one.
func connect(file, id string) (cloud.Connection, error) {
	if file == "" {
		return cloud.Connection{Pace: cloud.Pace}, nil
	}
	account, err := embedded(file, id)
	if err != nil {
		return cloud.Connection{}, err
	}
	return cloud.Connection{Options: awsapi.Options{Install: account.Install, Unlimited: true}, Pace: sandboxPace}, nil
}

// embedded opens the account in a file, which has a number; there is none without a file.
func embedded(file, id string) (*sandbox.Account, error) {
	if file == "" {
		return nil, nil
	}
	return sandbox.New(sandbox.Options{ID: id, Path: file, PageSize: sandboxPage})
}
