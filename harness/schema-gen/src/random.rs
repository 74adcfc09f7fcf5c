//! The seeded source of randomness: SplitMix64, written out so that no library version can change a published case.
//!
//! Every place of an instance forks its own stream from the place's name: a broken instance and the valid one it was
//! made from then agree everywhere but at the fault.

/// SplitMix64 (Steele, Lea, Flood 2014): one addition and three multiplications a draw, forkable for nothing.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self { state: seed };
        // Neighbouring seeds must not give neighbouring first draws.
        random.state = random.next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A stream of its own for a named place; does not advance this one.
    pub(crate) fn fork(&self, place: &str) -> Self {
        // FNV-1a: stable everywhere, unlike the standard library's hasher.
        let hash = place.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self::new(self.state ^ hash)
    }

    /// A stream of its own for a numbered place.
    pub(crate) fn fork_at(&self, place: u64) -> Self {
        Self::new(self.state ^ place.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    /// Uniform enough below `bound` (0 where `bound` is 0).
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            return 0;
        }
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    /// Uniform between both ends, inclusive.
    pub(crate) fn between(&mut self, low: i128, high: i128) -> i128 {
        if high <= low {
            return low;
        }
        let span = high.abs_diff(low).saturating_add(1);
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        low.saturating_add_unsigned(wide % span)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}
