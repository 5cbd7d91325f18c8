// dockerfile-check parses Dockerfiles as BuildKit does and prints what its linter says about them.
// Exit code 1 for a file that does not parse or has a warning.
package main

import (
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func check(path string) (clean bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return false, err
	}
	clean = true
	for _, warning := range parsed.Warnings {
		clean = false
		fmt.Fprintf(os.Stderr, "%s: %s\n", path, warning.Short)
	}
	rules := linter.New(&linter.Config{
		Warn: func(rule, description, _, message string, at []parser.Range) {
			clean = false
			fmt.Fprintf(os.Stderr, "%s:%d: %s: %s (%s)\n", path, at[0].Start.Line, rule, message, description)
		},
	})
	stages, _, err := instructions.Parse(parsed.AST, rules)
	if err == nil && len(stages) == 0 {
		err = fmt.Errorf("no stage")
	}
	return clean, err
}

func main() {
	code := 0
	for _, path := range os.Args[1:] {
		clean, err := check(path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
		}
		if err != nil || !clean {
			code = 1
		}
	}
	os.Exit(code)
}
