package sandbox

type asgState struct{}

func registerASG(*Account) {}
