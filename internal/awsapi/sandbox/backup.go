package sandbox

// backupState is AWS Backup in one region, in the order of creation.
type backupState struct{}

func registerBackup(*Account) {}
