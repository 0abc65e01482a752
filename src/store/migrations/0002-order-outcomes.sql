-- /kill may add a reduce-only order beside one whose fate is unknown: it can only shrink the leg.
DROP INDEX one_live_attempt_a_leg;
CREATE UNIQUE INDEX one_live_attempt_a_leg ON order_attempts (hedge_id, leg_index)
  WHERE state IN ('intent','sent','unknown') AND purpose <> 'kill';

-- Market time beside wall time: the venue's fills since an order are asked for in market time.
ALTER TABLE order_attempts ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fills ADD COLUMN cause TEXT NOT NULL DEFAULT 'order'
  CHECK (cause IN ('order','liquidation','deleveraging'));
