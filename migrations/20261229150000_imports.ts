// Imports of people: the file until the import ends, how far it is, what is wrong with it, and whom it has made.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table imports (
      id bigint generated always as identity,
      user_id bigint not null,
      -- Of the request that began it, for the audit.
      means text not null,
      address text not null,
      request_id text not null,
      dry_run boolean not null,
      mode text not null,
      state text not null default 'IMPORT_STATE_QUEUED',
      -- The text of the file, encrypted: it may have passwords.
      csv bytea,
      rows_total integer not null,
      rows_done integer not null default 0,
      rows_created integer not null default 0,
      rows_refused integer not null default 0,
      created_at timestamptz(3) not null default now(),
      -- Since when its rows are known to be good or bad.
      checked_at timestamptz(3),
      ended_at timestamptz(3),
      -- The process that works on it, until when it does so without saying more, and how often one began without a step done since.
      leased_by uuid,
      leased_until timestamptz(3),
      attempts integer not null default 0,
      constraint imports_pkey primary key (id),
      constraint imports_user foreign key (user_id) references users (id),
      constraint imports_mode check (mode in ('IMPORT_MODE_GOOD_ROWS', 'IMPORT_MODE_ALL_OR_NONE')),
      constraint imports_state check (state in ('IMPORT_STATE_QUEUED', 'IMPORT_STATE_RUNNING', 'IMPORT_STATE_DONE',
                                                'IMPORT_STATE_CANCELLED', 'IMPORT_STATE_FAILED')),
      constraint imports_end check ((ended_at is null) = (state in ('IMPORT_STATE_QUEUED', 'IMPORT_STATE_RUNNING'))),
      constraint imports_csv check ((csv is null) = (ended_at is not null))
    );
    create index imports_of_user on imports (user_id, id);
    create index imports_open on imports (id) where ended_at is null;
    create index imports_ended on imports (ended_at) where ended_at is not null;

    create table import_errors (
      id bigint generated always as identity,
      import_id bigint not null,
      line integer not null,
      "column" text not null,
      rule text not null,
      message text not null,
      constraint import_errors_pkey primary key (import_id, line, id),
      constraint import_errors_import foreign key (import_id) references imports (id) on delete cascade
    );

    create table imported_users (
      import_id bigint not null,
      user_id bigint not null,
      constraint imported_users_pkey primary key (import_id, user_id),
      constraint imported_users_import foreign key (import_id) references imports (id) on delete cascade,
      constraint imported_users_user foreign key (user_id) references users (id)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table imported_users, import_errors, imports");
}
