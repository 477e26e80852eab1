package sandbox

type iamState struct{}

func registerIAM(*Account) {}
