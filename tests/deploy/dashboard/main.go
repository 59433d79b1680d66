// dashboard FILE: whether Grafana's own description of dashboards takes the file: every field is known, has its type, and
// none that must be there is missing. Grafana itself passes over what it does not know, so that a misspelt option of a
// panel would show only to who looks.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dashboard FILE")
		os.Exit(2)
	}
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "%s:\n%v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func check(path string) error {
	// What is not registered is not looked into.
	runtime := cog.NewRuntime()
	runtime.RegisterPanelcfgVariant(heatmap.VariantConfig())
	runtime.RegisterPanelcfgVariant(stat.VariantConfig())
	runtime.RegisterPanelcfgVariant(timeseries.VariantConfig())
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())

	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var read dashboard.Dashboard
	if err := read.UnmarshalJSONStrict(raw); some(err) {
		return err
	}
	for _, panel := range read.Panels {
		if panel.Panel == nil {
			continue
		}
		switch panel.Panel.Type {
		case "heatmap", "stat", "timeseries":
		default:
			return fmt.Errorf("a panel of type %q, which is not looked into; register it here", panel.Panel.Type)
		}
	}
	if err := read.Validate(); some(err) {
		return err
	}
	return nil
}

// The library hands back an empty list of faults where there is none.
func some(err error) bool {
	var faults cog.BuildErrors
	return err != nil && !(errors.As(err, &faults) && len(faults) == 0)
}
