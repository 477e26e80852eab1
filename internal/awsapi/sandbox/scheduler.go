package sandbox

// schedulerState is EventBridge Scheduler in one region, in the order of creation.
type schedulerState struct{}

func registerScheduler(*Account) {}
