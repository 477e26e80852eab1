package sandbox

type ecsState struct{}

func registerECS(*Account) {}
