// Runs templates through Go's text/template with the functions Argo CD gives an ApplicationSet and writes the answers.
// See README.md beside this file for how to run it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/gosimple/slug"
	"sigs.k8s.io/yaml"
)

type testCase struct {
	Template string   `json:"template"`
	Data     string   `json:"data,omitempty"`
	Options  []string `json:"options,omitempty"`
	Output   *string  `json:"output,omitempty"`
	Error    *string  `json:"error,omitempty"`
}

var invalid = regexp.MustCompile("[^-a-z0-9.]")

func sanitize(name string) string {
	name = invalid.ReplaceAllString(strings.ToLower(name), "-")
	if len(name) > 253 {
		name = name[:253]
	}
	return strings.Trim(name, "-.")
}

// As applicationset/utils does it: the name last, then the greatest length, then whether to cut at words.
func slugify(args ...any) string {
	max, smart, name := 50, true, ""
	for i, arg := range args {
		switch i {
		case len(args) - 1:
			name = arg.(string)
		case 0:
			max = arg.(int)
		case 1:
			smart = arg.(bool)
		}
	}
	slug.EnableSmartTruncate = smart
	slug.MaxLength = max
	return slug.Make(sanitize(name))
}

func functions() template.FuncMap {
	funcs := template.FuncMap(sprig.GenericFuncMap())
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(funcs, name)
	}
	funcs["normalize"] = sanitize
	funcs["slugify"] = slugify
	funcs["toYaml"] = func(v any) (string, error) {
		data, err := yaml.Marshal(v)
		return strings.TrimSuffix(string(data), "\n"), err
	}
	funcs["fromYaml"] = func(s string) (map[string]any, error) {
		m := map[string]any{}
		return m, yaml.Unmarshal([]byte(s), &m)
	}
	funcs["fromYamlArray"] = func(s string) ([]any, error) {
		a := []any{}
		return a, yaml.Unmarshal([]byte(s), &a)
	}
	return funcs
}

func run(c *testCase, data map[string]any) {
	defer func() {
		if r := recover(); r != nil {
			text := fmt.Sprint("panic: ", r)
			c.Error = &text
		}
	}()
	t, err := template.New("test").Funcs(functions()).Option(c.Options...).Parse(c.Template)
	var out bytes.Buffer
	if err == nil {
		err = t.Execute(&out, data)
	}
	if err != nil {
		text := err.Error()
		c.Error = &text
		return
	}
	text := out.String()
	c.Output = &text
}

func main() {
	var input struct {
		Data  map[string]json.RawMessage `json:"data"`
		Cases []*testCase                `json:"cases"`
		// The functions Argo CD allows, filled in here.
		Functions []string `json:"functions"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		panic(err)
	}
	for _, c := range input.Cases {
		name := c.Data
		if name == "" {
			name = "default"
		}
		var data map[string]any
		if err := json.Unmarshal(input.Data[name], &data); err != nil {
			panic(err)
		}
		run(c, data)
	}
	input.Functions = slices.Sorted(maps.Keys(functions()))
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(input); err != nil {
		panic(err)
	}
}
