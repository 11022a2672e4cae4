import { addressesAndLimits } from './mistakes/addresses-and-limits.ts';
import { alertsAndChannels } from './mistakes/alerts-and-channels.ts';
import { events } from './mistakes/events.ts';
import { expressions } from './mistakes/expressions.ts';
import { mappings } from './mistakes/mappings.ts';
import { secretsAndSettings } from './mistakes/secrets-and-settings.ts';
import { syncsAndConnections } from './mistakes/syncs-and-connections.ts';

// In one file: each would cost the start of a process.
syncsAndConnections();
mappings();
expressions();
events();
addressesAndLimits();
secretsAndSettings();
alertsAndChannels();
