"""A complete pack for tests of the loader: one rule of each kind, over the names of ``rule_scope``."""

FULL = """\
family: churn_risk
defaults:
  stage: live
  route: {channel: churn, sinks: [slack, crm]}
rules:
- id: usage_drop
  title: Usage drops
  kind: level
  source: handbook RK
  severity:
  - {when: mrr >= big, is: critical}
  - {default: warning}
  params:
    drop: {value: 0.30, unit: share, from: handbook}
    window: {value: 28 d, from: proposed}
    recovery: {value: "1.05", unit: share, from: ours}
    big: {value: 10000, unit: USD/month, from: ours}
  let:
    now_volume: total(usage.total, window)
    then_volume: total(usage.total, window, window)
  when: 1 - now_volume / then_volume >= drop and managed
  clear: now_volume > opened.now_volume * recovery
  again: 1 - now_volume / opened.now_volume >= drop
  confirm: 2 reports
  remind: 2 weeks
  cooldown: window
  churn_level: A
  guards: GX-C
  exempt: [G4]
  variants:
  - {when: growth < 0, name: shrinking, severity: critical}
  text:
    headline: "{account}: usage fell to {now_volume}"
    decisive: now_volume
    why_now: "It was {then_volume} before; {mrr:money} a month is at stake."
    resolved: "Usage is back at {now_volume}, from {opened.now_volume}"
  value_at_stake: arr
  evidence:
  - {name: now_volume, label: Events in 28 days, window: last 28 closed days}
  - {name: mrr, threshold: big}
  runbook: churn_risk.md#usage_drop
  examples:
  - fires: exactly 30 %
    story:
    - {days: 0..27, usage_reported: {volumes: {events: 10}}}
    - {days: 28..55, at: "09:30", usage_reported: {volumes: {events: 7}}}
    until: 57 09:00
    expect: {state: open, severity: warning, says: {headline: usage fell}}
  - near: one event short
    story:
    - {on: 2026-01-05, usage_reported: {volumes: {events: 10}}}
    because: now_volume / then_volume
- id: payment_failed_seen
  title: A payment failed
  kind: edge
  source: handbook BI
  severity: notice
  on: payment_failed
  params:
    first: {value: 1, unit: count, from: handbook}
  when: event.attempt == first and not signal("usage_drop")
  key: event.invoice_id
  expires_after: 7 d
  text: {headline: "{account}: {event.amount} not collected"}
  examples:
  - fires: the first attempt
    story: [{on: 0, payment_failed: {invoice_id: in_1, attempt: 1, amount: "12.50"}}]
  - near: the second
    story: [{on: 0, payment_failed: {invoice_id: in_1, attempt: 2, amount: "12.50"}}]
- id: person_went_quiet
  title: A person went quiet
  kind: steps
  source: ours
  severity: info
  each: {in: people, as: person, key: person.id}
  from: person.seen_at
  while: person.family == "engineering"
  steps:
  - {at: 14 d, say: ask}
  - {at: 21 d, say: close}
  late: newest
  text: {headline: "{account}: {person.id} not seen since {person.seen_at:date}"}
  examples:
  - fires: fourteen days
    story: [{on: 0, user_acted: {person_id: p1, action: looked}}]
  - near: thirteen days
    story: [{on: 0, user_acted: {person_id: p1, action: looked}}]
"""
