package sandbox

func registerSmall(*Account) {}
