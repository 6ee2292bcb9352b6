// Runs expressions through expr-lang with the variables Argo CD gives a trigger and writes the answers.
// See README.md beside this directory for how to run it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/expr-lang/expr"
)

type answer struct {
	Expr  string          `json:"expr"`
	Value json.RawMessage `json:"value,omitempty"`
	Fails bool            `json:"fails,omitempty"`
}

type fixture struct {
	Variables json.RawMessage `json:"variables"`
	Answers   []answer        `json:"answers"`
}

// Kubernetes reads whole numbers as int64 and others as float64.
func numbers(value any) any {
	switch typed := value.(type) {
	case json.Number:
		if whole, err := typed.Int64(); err == nil {
			return whole
		}
		float, _ := typed.Float64()
		return float
	case map[string]any:
		for key, member := range typed {
			typed[key] = numbers(member)
		}
	case []any:
		for i, item := range typed {
			typed[i] = numbers(item)
		}
	}
	return value
}

func parseTime(text string) time.Time {
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return parsed
}

func variables(raw json.RawMessage) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	env := map[string]any{}
	if err := decoder.Decode(&env); err != nil {
		panic(err)
	}
	numbers(env)
	env["time"] = map[string]any{
		"Parse": parseTime, "Now": func() time.Time { return parseTime("2026-06-01T12:00:00Z") },
		"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
		"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
		"RFC3339": time.RFC3339, "Kitchen": time.Kitchen, "RFC1123": time.RFC1123,
	}
	env["strings"] = map[string]any{"ReplaceAll": strings.ReplaceAll, "ToUpper": strings.ToUpper, "ToLower": strings.ToLower}
	return env
}

func run(source string, raw json.RawMessage) (value any, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	program, err := expr.Compile(source)
	if err != nil {
		return nil, err
	}
	return expr.Run(program, variables(raw))
}

func plain(value any) any {
	switch typed := value.(type) {
	case time.Time:
		return "time " + typed.Format(time.RFC3339Nano)
	case time.Duration:
		return "duration " + typed.String()
	}
	return value
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	var data fixture
	if err := json.Unmarshal(text, &data); err != nil {
		panic(err)
	}
	for i := range data.Answers {
		source := data.Answers[i].Expr
		data.Answers[i] = answer{Expr: source}
		value, err := run(source, data.Variables)
		encoded, problem := json.Marshal(plain(value))
		if err != nil || problem != nil {
			data.Answers[i].Fails = true
			fmt.Fprintln(os.Stderr, source, "=>", err, problem)
			continue
		}
		data.Answers[i].Value = encoded
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(data); err != nil {
		panic(err)
	}
}
