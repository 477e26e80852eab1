package sandbox

type logsState struct{}

func registerLogs(*Account) {}
