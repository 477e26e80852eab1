package sandbox

type rdsState struct{}

func registerRDS(*Account) {}
