//! Addresses and back.

use model::SpanId;
use proptest::prelude::*;

use super::*;

#[test]
fn addresses_are_short_and_readable() {
    assert_eq!(Route::default().address(), "/map");
    assert_eq!(Route::Explore(Explore::default()).address(), "/explore");
    let explore = Explore {
        query: "service(\"a b\") { fault }".into(),
        zone: Zone::Utc,
        refresh: Some(5),
        sort: "-duration".into(),
        open: Some("1-581cf771-a006649127e371903a2de979".into()),
        view: TraceView { span: Some(SpanId(0xb2)), toggled: vec![SpanId(1), SpanId(2)], ..TraceView::default() },
        ..Explore::default()
    };
    assert_eq!(
        Route::Explore(explore).address(),
        "/explore?q=service%28%22a+b%22%29+%7B+fault+%7D&tz=utc&refresh=5&sort=-duration&trace=1-581cf771-a006649127e371903a2de979\
         &span=00000000000000b2&collapsed=0000000000000001.0000000000000002"
    );
}

#[test]
fn what_cannot_be_read_falls_back() {
    let default = Route::default();
    for address in ["/", "", "/?", "/map", "/map?from=yesterday&to=&refresh=0&size=9&moved=1,x,a&unknown=1&%"] {
        assert_eq!(Route::read(address), default, "{address}");
    }
    let explore = Route::Explore(Explore::default());
    for address in
        ["/explore", "/?from=yesterday&to=&refresh=0&span=zz&collapsed=.x.&unknown=1&%", "/explore?refresh=99999"]
    {
        assert_eq!(Route::read(address), explore, "{address}");
    }
    assert_eq!(Route::read("/elsewhere"), Route::Unknown("/elsewhere".into()));
    assert_eq!(Route::read("/trace/"), Route::Unknown("/trace/".into()));
    let Route::Trace(place) = Route::read("/trace/nonsense%20%C3%A4?at=never") else { panic!("a trace") };
    assert_eq!((place.id.as_str(), place.at), ("nonsense ä", None));
}

#[test]
fn the_form_of_a_data_source_has_an_address() {
    let sources = |form| Route::default().sources(form);
    assert_eq!(sources(None).address(), "/sources");
    assert_eq!(sources(Some(SourceForm::New)).address(), "/sources?new");
    assert_eq!(sources(Some(SourceForm::Edit("a & b".into()))).address(), "/sources?edit=a+%26+b");
    for address in ["/sources?new=", "/sources?new&edit=x", "/sources?edit=x&new=1"] {
        assert_eq!(Route::read(address), sources(Some(SourceForm::New)), "{address}");
    }
    assert_eq!(Route::read("/sources?edit="), sources(None));
}

#[test]
fn files_have_an_address_without_their_content() {
    assert_eq!(Route::File(FilePlace::default()).address(), "/file");
    let view = TraceView { span: Some(SpanId(0xb2)), ..TraceView::default() };
    let open = Route::File(FilePlace { trace: Some("1-2-3".into()), zone: Zone::Utc, view });
    assert_eq!(open.address(), "/file?tz=utc&trace=1-2-3&span=00000000000000b2");
    assert_eq!(Route::read("/file?trace=1-2-3&tz=utc&span=b2zz&span=00000000000000b2").zone(), Zone::Utc);
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 \"(){}=&?#%+äé/~.-]{0,20}"
}

fn name() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z0-9-]{1,12}")
}

fn view() -> impl Strategy<Value = TraceView> {
    let id = || any::<u64>().prop_map(SpanId);
    let ids = move || prop::collection::vec(id(), 0..4);
    let fold = prop_oneof![
        Just(Fold::None),
        any::<u32>().prop_map(Fold::Level),
        Just(Fold::OffPath),
        (1..i64::MAX).prop_map(Fold::Shorter)
    ];
    let tab = prop::sample::select(Tab::ALL.map(|(tab, ..)| tab).to_vec());
    let colour = prop::sample::select(Colour::ALL.map(|(colour, ..)| colour).to_vec());
    let window = prop::option::of((0..i64::MAX - 1).prop_flat_map(|from| (Just(from), from + 1..i64::MAX)));
    let flags = any::<(bool, bool, bool)>();
    let spans = (prop::option::of(id()), ids(), prop::option::of(id()), ids());
    (spans, fold, tab, colour, window, flags, text(), text()).prop_map(
        |((span, toggled, focus, pins), fold, tab, colour, window, (only, ungrouped, gaps), find, by)| TraceView {
            span,
            tab,
            fold,
            toggled,
            window,
            find,
            only,
            focus,
            colour,
            ungrouped,
            gaps,
            pins,
            by,
        },
    )
}

fn key() -> impl Strategy<Value = NodeKey> {
    ("[a-zA-Z0-9 ~,\"()&?#%+äé/.-]{1,20}", "[A-Za-z:]{0,20}").prop_map(|(name, kind)| NodeKey { name, kind })
}

fn bound() -> impl Strategy<Value = Bound> {
    prop_oneof![
        (0_i64..1_000_000).prop_map(|seconds| Bound::Ago(model::Nanos::seconds(seconds))),
        (0_i64..4_000_000_000_000).prop_map(|millis| Bound::At(Moment(millis * 1_000_000))),
    ]
}

proptest! {
    #[test]
    fn explore_round_trips(
        (source, region, query, zone) in (name(), name(), text(), any::<bool>()),
        (from, to, refresh) in (bound(), bound(), prop::option::of(1_u32..3600)),
        (group, calls, limit, time_of) in (name(), any::<bool>(), prop::option::of(1..=MOST_TRACES), prop::sample::select(vec![TimeOf::Start, TimeOf::Event, TimeOf::Service])),
        (sort, columns, open, view) in ("[-a-z]{0,8}", prop::collection::vec("[a-z@. ]{1,9}", 0..3), name(), view()),
    ) {
        let zone = if zone { Zone::Utc } else { Zone::Local };
        let route = Route::Explore(Explore { source, region, query, range: TimeRange { from, to }, zone, refresh, sort, columns, open, view, account: group, calls, limit, time_of });
        prop_assert_eq!(Route::read(&route.address()), route);
    }

    #[test]
    fn a_trace_round_trips(id in "[a-zA-Z0-9 +%ä.-]{1,40}", source in name(), region in name(), at in prop::option::of(0_i64..4_000_000_000), view in view()) {
        let at = at.map(|seconds| Moment(seconds * 1_000_000_000));
        let route = Route::Trace(TracePlace { id, source, region, at, zone: Zone::Utc, view });
        prop_assert_eq!(Route::read(&route.address()), route);
    }

    #[test]
    fn a_map_round_trips(
        (source, group, zone, size) in (name(), name(), any::<bool>(), 0_usize..3),
        (from, to, refresh, table) in (bound(), bound(), prop::option::of(1_u32..3600), any::<bool>()),
        (account, calls) in (name(), any::<bool>()),
        (chosen, moved) in (prop::option::of((key(), prop::option::of(key()))), prop::collection::vec((key(), any::<i32>(), any::<i32>()), 0..3)),
    ) {
        let zone = if zone { Zone::Utc } else { Zone::Local };
        let size = SizeBy::ALL[size].0;
        let route = Route::Map(MapPlace { source, region: None, group, range: TimeRange { from, to }, zone, refresh, size, table, chosen, moved, account, calls });
        prop_assert_eq!(Route::read(&route.address()), route);
    }

    #[test]
    fn data_sources_round_trip(name in "[a-zA-Z0-9 +%&=ä.-]{1,40}", form in 0_u8..3, utc in any::<bool>()) {
        let form = [None, Some(SourceForm::New), Some(SourceForm::Edit(name))][usize::from(form)].clone();
        let route = Route::Sources(SourcesPlace { form, zone: if utc { Zone::Utc } else { Zone::Local } });
        prop_assert_eq!(Route::read(&route.address()), route);
    }

    #[test]
    fn a_file_round_trips(trace in name(), utc in any::<bool>(), view in view()) {
        let route = Route::File(FilePlace { trace, zone: if utc { Zone::Utc } else { Zone::Local }, view });
        prop_assert_eq!(Route::read(&route.address()), route);
    }

    #[test]
    fn noise_never_panics(address in "\\PC{0,80}") {
        Route::read(&address).address();
    }
}
