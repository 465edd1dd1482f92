//go:build !unix

package serve

import "os"

// lockFile trusts the user where there are no locks of files.
func lockFile(*os.File) bool { return true }
