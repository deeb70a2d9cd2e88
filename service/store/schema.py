"""The tables of the database, and the number of their newest version."""

from __future__ import annotations

SCHEMA_VERSION = 3

SCHEMA = """
create table if not exists meta (key text primary key, value text not null);
create table if not exists mails (
  id integer primary key,
  account text not null, folder text not null, uidvalidity integer not null, uid integer not null,
  sha256 text, size integer, received_at text, seen_at text not null,
  source text not null default 'imap', problem text,
  unique (account, folder, uidvalidity, uid)
);
create index if not exists mails_sha256 on mails (sha256);
create table if not exists readings (
  sha256 text primary key, state text not null, attempts integer not null default 0,
  reader_version text, read_at text, message text, error text, ours integer not null default 0
);
create table if not exists parts (
  sha256 text not null, path text not null, name text, outcome text not null, form text,
  content_type text, size integer, part_sha256 text, read text not null, text text not null,
  primary key (sha256, path)
);
create table if not exists decisions (
  id integer primary key, at text not null, by text not null, why text not null,
  campaign text not null, verb text not null, args text not null, undoes integer
);
create table if not exists letters (
  key text primary key, campaign text not null, kind text not null, unit text, deadline text,
  stage text, state text not null, phase text, "to" text not null, cc text not null,
  subject text not null default '', text text not null default '', eml_sha256 text,
  due_at text not null, not_after text not null, queued_at text not null, sent_at text,
  next_try_at text, tries integer not null default 0, code text, said text,
  message_id text, token text, fingerprint text not null default '', mail integer
);
create index if not exists letters_message_id on letters (message_id);
create table if not exists said (
  duty text primary key, letter text not null, at text not null, outcome text not null
);
create table if not exists looks (
  id integer primary key, account text not null, started_at text not null, finished_at text,
  complete integer not null default 0, new integer not null default 0, problem text
);
create table if not exists addresses (
  address text primary key, unit text, state text not null, evidence text not null, at text not null
);
create table if not exists submissions (
  campaign text not null, id text not null, mail integer not null, part text not null, form text,
  material text, unit text, deadlines text not null, arrived_at text not null,
  version integer not null, status text not null, trust text not null, why text,
  primary key (campaign, id)
);
create table if not exists heard (
  sha256 text primary key, campaign text not null, kind text not null, mail integer not null,
  at text not null, message_id text, sender text, told text not null
);
create table if not exists forgotten (
  kind text not null, mark text not null, at text not null, primary key (kind, mark)
);
create table if not exists "values" (
  campaign text not null, submission text not null, field text not null, label text, unit text,
  raw text, value text, state text, approx integer,
  primary key (campaign, submission, field)
);
"""
