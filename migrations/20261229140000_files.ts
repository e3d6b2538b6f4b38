// Uploaded files, the contents that they share by hash, what each person has uploaded, and the attachments of messages.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- The contents in the store. A row is there before its bytes are and after they are gone, so that none are left over.
    create table blobs (
      sha256 bytea not null,
      -- When an upload had these bytes, or a file of them was deleted, last: content that no file has is kept for a while.
      touched_at timestamptz(3) not null default now(),
      -- When the store was found without the bytes; null while they are there.
      lost_at timestamptz(3),
      constraint blobs_pkey primary key (sha256),
      constraint blobs_sha256 check (length(sha256) = 32)
    );
    create index blobs_by_touch on blobs (touched_at);

    create table files (
      id bigint generated always as identity,
      owner_id bigint not null,
      purpose text not null,
      name text not null,
      media_type text not null,
      created_at timestamptz(3) not null default now(),
      -- When something began to use the file; null while nothing does.
      claimed_at timestamptz(3),
      constraint files_pkey primary key (id),
      constraint files_owner foreign key (owner_id) references users (id),
      constraint files_purpose_known check (purpose in
        ('FILE_PURPOSE_AVATAR', 'FILE_PURPOSE_DIPLOMA', 'FILE_PURPOSE_SOURCE', 'FILE_PURPOSE_ATTACHMENT'))
    );
    create index files_unclaimed on files (created_at) where claimed_at is null;
    create index files_of_owner on files (owner_id, id);

    create table file_contents (
      file_id bigint not null,
      -- The longer side of a picture in pixels where a file is kept in several sizes; 0 for the file as it was uploaded.
      side integer not null,
      sha256 bytea not null,
      size bigint not null,
      constraint file_contents_pkey primary key (file_id, side),
      constraint file_contents_file foreign key (file_id) references files (id) on delete cascade,
      constraint file_contents_blob foreign key (sha256) references blobs (sha256),
      constraint file_contents_side check (side >= 0),
      constraint file_contents_size check (size >= 0)
    );
    create index file_contents_by_blob on file_contents (sha256);

    -- What counts against the daily quota of a person: also what was deleted since, and what is being uploaded.
    create table file_uploads (
      id bigint generated always as identity,
      user_id bigint not null,
      -- While the upload lasts, the most that it may become.
      size bigint not null,
      started_at timestamptz(3) not null default now(),
      is_running boolean not null default true,
      constraint file_uploads_pkey primary key (id),
      constraint file_uploads_user foreign key (user_id) references users (id)
    );
    create index file_uploads_of_user on file_uploads (user_id, started_at) include (size, is_running);
    create index file_uploads_by_start on file_uploads (started_at);

    create table message_attachments (
      file_id bigint not null,
      message_id bigint not null,
      chat_id bigint not null,
      -- Its place among the attachments of its message, from 0.
      position integer not null,
      constraint message_attachments_pkey primary key (file_id),
      constraint message_attachments_position unique (message_id, position),
      constraint message_attachments_file foreign key (file_id) references files (id) on delete cascade
    );

    alter table users
      add constraint users_avatar_file foreign key (avatar_file_id) references files (id) on delete set null;
    create unique index users_avatar_file_unique on users (avatar_file_id) where avatar_file_id is not null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table users drop constraint users_avatar_file;
    drop index users_avatar_file_unique;
    drop table message_attachments;
    drop table file_uploads;
    drop table file_contents;
    drop table files;
    drop table blobs`);
}
