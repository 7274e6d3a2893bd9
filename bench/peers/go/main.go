// Go's vishvananda/netlink as a contestant: `vishvananda WORKLOAD` prints one line of JSON. See ../../README.md.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

func setting(name string, otherwise int) int {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return value
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func usage() unix.Rusage {
	var of unix.Rusage
	check(unix.Getrusage(unix.RUSAGE_SELF, &of))
	return of
}

// Seconds of the processor, of all threads.
func used() float64 {
	of := usage()
	return float64(of.Utime.Sec+of.Stime.Sec) + float64(of.Utime.Usec+of.Stime.Usec)/1e6
}

func report(figures map[string]interface{}) {
	figures["peak_rss_kb"] = usage().Maxrss
	line, err := json.Marshal(figures)
	check(err)
	fmt.Println(string(line))
}

func median(of []float64) float64 {
	sort.Float64s(of)
	return of[len(of)/2]
}

// Lists ITER times; with more than one the first does not count.
func lists(list func() int) {
	times := setting("ITER", 1)
	if times > 1 {
		list()
		times--
	}
	took, rows, before := []float64{}, 0, used()
	for i := 0; i < times; i++ {
		began := time.Now()
		rows = list()
		took = append(took, time.Since(began).Seconds())
	}
	each := (used() - before) / float64(times)
	report(map[string]interface{}{"n": rows, "seconds": median(took), "cpu_seconds": each})
}

// IPv4's, of both families where FAMILY is set.
func routes() int {
	family := netlink.FAMILY_V4
	if os.Getenv("FAMILY") != "" {
		family = netlink.FAMILY_ALL
	}
	list, err := netlink.RouteList(nil, family)
	check(err)
	return len(list)
}

func links() int {
	list, err := netlink.LinkList()
	check(err)
	return len(list)
}

// One request after the other: N times.
func each(count int, request func(i int) error) {
	took, began, before := make([]float64, count), time.Now(), used()
	for i := range took {
		at := time.Now()
		check(request(i))
		took[i] = float64(time.Since(at).Nanoseconds()) / 1e3
	}
	seconds, cpu := time.Since(began).Seconds(), used()-before
	report(map[string]interface{}{"n": count, "seconds": seconds, "cpu_seconds": cpu, "p50_us": median(took)})
}

func main() {
	handle, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	check(err)
	name := os.Getenv("IFACE")
	switch workload := os.Args[1]; workload {
	case "dump-routes":
		lists(routes)
	case "dump-links", "startup":
		lists(links)
	case "get-link":
		each(setting("N", 10000), func(int) error {
			_, err := handle.LinkByName(name)
			return err
		})
	case "add-seq", "del-seq":
		link, err := handle.LinkByName(name)
		check(err)
		gateway, act := net.ParseIP(os.Getenv("GW")), handle.RouteAdd
		if workload == "del-seq" {
			act = handle.RouteDel
		}
		each(setting("N", 100000), func(i int) error {
			to := net.IPv4(16+byte(i>>16), byte(i>>8), byte(i), 0).To4()
			dst := &net.IPNet{IP: to, Mask: net.CIDRMask(24, 32)}
			return act(&netlink.Route{
				LinkIndex: link.Attrs().Index, Dst: dst, Gw: gateway, Priority: 100, Protocol: unix.RTPROT_STATIC,
			})
		})
	default:
		os.Exit(3)
	}
}
