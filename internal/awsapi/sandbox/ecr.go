package sandbox

type ecrState struct{}

func registerECR(*Account) {}
