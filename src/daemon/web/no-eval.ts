import * as z from 'zod';

// Schemas would try to compile themselves as soon as they are declared, which the page's content policy forbids.
z.config({ jitless: true });
