// Command pause keeps the namespaces of a pod until it is asked to end.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

var version = "0.0.0"

func main() {
	if len(os.Args) > 1 {
		fmt.Println("pause", version)
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	<-asked
}
