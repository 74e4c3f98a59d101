-- Up Migration

-- An event on its way to a receiver outside: of a video to the webhook_url of its order, else to ALERT_WEBHOOK. Written
-- with what it tells of, so that no crash loses it; a workflow of its own delivers it.
CREATE TABLE notifications (
  -- The receiver's webhook-id, and the end of the workflow's id.
  id text PRIMARY KEY,
  -- Null for an alert.
  video_id uuid REFERENCES video_queue ON DELETE CASCADE,
  -- The webhook_url of the order; null for an alert, which goes to ALERT_WEBHOOK.
  url text,
  -- What an alert is about, so that its repeats are known; null when each is news.
  alert text,
  -- The very bytes that are sent, the same at every try.
  body text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
  tries integer NOT NULL DEFAULT 0,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When the alert last came, this row or a repeat of it.
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  -- When reconcile last saw that its workflow is there.
  looked_at timestamptz
);
CREATE INDEX notifications_pending ON notifications (created_at) WHERE state = 'pending';
CREATE INDEX notifications_video ON notifications (video_id);
CREATE INDEX video_queue_with_webhook ON video_queue (completed_at) WHERE jsonb_exists(request_data, 'webhook_url');
CREATE INDEX notifications_alert ON notifications (alert) WHERE alert IS NOT NULL;
