//! Rust's rtnetlink as a contestant: `rtnetlink WORKLOAD` prints one line of JSON. See ../../README.md.

use std::env::{args, var};
use std::net::Ipv4Addr;
use std::process::exit;
use std::time::Instant;

use futures::stream::TryStreamExt;
use netlink_packet_route::nlas::route::Nla;
use rtnetlink::{new_connection, Error, Handle, IpVersion};

fn setting(name: &str, otherwise: usize) -> usize {
    var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn usage() -> libc::rusage {
    let mut of = std::mem::MaybeUninit::uninit();
    // SAFETY: the call fills it in, or fails, which it does for wrong arguments only.
    unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_SELF, of.as_mut_ptr()), 0);
        of.assume_init()
    }
}

/// Seconds of the processor, of all threads.
fn used() -> f64 {
    let of = usage();
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(of.ru_utime) + seconds(of.ru_stime)
}

fn report(n: usize, seconds: f64, cpu: f64, more: &str) {
    let peak = usage().ru_maxrss;
    println!(r#"{{"n":{n},"seconds":{seconds},"cpu_seconds":{cpu},"peak_rss_kb":{peak}{more}}}"#);
}

fn median(of: &mut [f64]) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// How many routes there are: IPv4's, of both families where FAMILY is set.
async fn routes(handle: &Handle) -> Result<usize, Error> {
    let mut rows = handle.route().get(IpVersion::V4).execute().try_collect::<Vec<_>>().await?;
    if var("FAMILY").is_ok() {
        rows.extend(handle.route().get(IpVersion::V6).execute().try_collect::<Vec<_>>().await?);
    }
    Ok(rows.len())
}

/// Lists ITER times; with more than one the first does not count.
async fn lists(handle: &Handle, of_routes: bool) -> Result<(), Error> {
    let times = setting("ITER", 1);
    let (mut took, mut rows, mut before) = (Vec::new(), 0, used());
    for i in 0..times {
        if i == 1 {
            took.clear();
            before = used();
        }
        let began = Instant::now();
        rows = match of_routes {
            true => routes(handle).await?,
            false => handle.link().get().execute().try_collect::<Vec<_>>().await?.len(),
        };
        took.push(began.elapsed().as_secs_f64());
    }
    let cpu = (used() - before) / took.len() as f64;
    report(rows, median(&mut took), cpu, "");
    Ok(())
}

/// One request after the other: N times.
async fn by_name(handle: &Handle, name: &str) -> Result<(), Error> {
    let count = setting("N", 10_000);
    let (mut took, began, before) = (Vec::with_capacity(count), Instant::now(), used());
    for _ in 0..count {
        let at = Instant::now();
        handle.link().get().match_name(name.into()).execute().try_next().await?;
        took.push(at.elapsed().as_secs_f64() * 1e6);
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), used() - before);
    report(count, seconds, cpu, &format!(r#","p50_us":{}"#, median(&mut took)));
    Ok(())
}

async fn writes(handle: &Handle, name: &str, delete: bool) -> Result<(), Error> {
    let link = handle.link().get().match_name(name.into()).execute().try_next().await?;
    let oif = link.expect("a link").header.index;
    let gateway: Ipv4Addr = var("GW").expect("GW").parse().expect("an address");
    let count = setting("N", 100_000);
    let (began, before) = (Instant::now(), used());
    for i in 0..count as u32 {
        let dst = Ipv4Addr::from((16 << 24) + (i << 8));
        let mut add = handle.route().add().v4().destination_prefix(dst, 24).gateway(gateway).output_interface(oif);
        add.message_mut().nlas.push(Nla::Priority(100));
        if delete {
            let message = add.message_mut().clone();
            handle.route().del(message).execute().await?;
        } else {
            add.execute().await?;
        }
    }
    report(count, began.elapsed().as_secs_f64(), used() - before, "");
    Ok(())
}

async fn run() -> Result<(), Error> {
    let (connection, handle, _) = new_connection().expect("a socket");
    tokio::spawn(connection);
    let name = var("IFACE").unwrap_or_default();
    match args().nth(1).unwrap_or_default().as_str() {
        "dump-routes" => lists(&handle, true).await,
        "dump-links" | "startup" => lists(&handle, false).await,
        "get-link" => by_name(&handle, &name).await,
        "add-seq" => writes(&handle, &name, false).await,
        "del-seq" => writes(&handle, &name, true).await,
        _ => exit(3),
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if let Err(error) = runtime.block_on(run()) {
        eprintln!("{error}");
        exit(1);
    }
}
