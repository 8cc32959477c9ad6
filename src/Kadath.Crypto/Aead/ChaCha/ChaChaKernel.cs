using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Key stream of ChaCha20 (RFC 8439 section 2.3), by a vector of any width.</summary>
internal unsafe interface IChaChaKernel
{
    static abstract bool IsSupported { get; }

    /// <summary>Bytes that <see cref="WriteShort"/> writes; <see cref="WriteLong"/> writes four times as many.</summary>
    static abstract int ShortBytes { get; }

    /// <summary>Writes the key stream from the counter of <paramref name="state"/> on; a chain of dependent steps once through.</summary>
    static abstract void WriteShort(uint* state, byte* stream);

    /// <summary>Writes four times as much in about twice the time: four chains hide each other's latency.</summary>
    static abstract void WriteLong(uint* state, byte* stream);
}

/// <inheritdoc cref="IChaChaKernel"/>
internal readonly unsafe struct ChaChaKernel<TVector, TOperations> : IChaChaKernel
    where TVector : unmanaged
    where TOperations : IChaChaVector<TVector>
{
    private const int DoubleRounds = 10, BlockBytes = 64;

    public static bool IsSupported => TOperations.IsSupported;

    public static int ShortBytes => BlockBytes * TOperations.Blocks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WriteShort(uint* state, byte* stream)
    {
        var rows = Rows.Create(state, 0);
        for (var round = 0; round < DoubleRounds; round++)
        {
            rows.DoubleRound();
        }

        rows.Finish(state, 0, stream);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WriteLong(uint* state, byte* stream)
    {
        var blocks = (uint)TOperations.Blocks;
        Rows rows0 = Rows.Create(state, 0), rows1 = Rows.Create(state, blocks), rows2 = Rows.Create(state, 2 * blocks), rows3 = Rows.Create(state, 3 * blocks);
        for (var round = 0; round < DoubleRounds; round++)
        {
            rows0.DoubleRound();
            rows1.DoubleRound();
            rows2.DoubleRound();
            rows3.DoubleRound();
        }

        rows0.Finish(state, 0, stream);
        rows1.Finish(state, blocks, stream + ShortBytes);
        rows2.Finish(state, 2 * blocks, stream + (2 * ShortBytes));
        rows3.Finish(state, 3 * blocks, stream + (3 * ShortBytes));
    }

    /// <summary>The four rows of the states of some blocks.</summary>
    private struct Rows
    {
        private TVector _a, _b, _c, _d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Rows Create(uint* state, uint ahead) => new()
        {
            _a = TOperations.Row(state),
            _b = TOperations.Row(state + 4),
            _c = TOperations.Row(state + 8),
            _d = TOperations.Add(TOperations.Row(state + 12), TOperations.Ahead(ahead)),
        };

        /// <summary>Four quarter rounds on columns, then four on diagonals.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void DoubleRound()
        {
            Round();
            _b = TOperations.Left1(_b);
            _c = TOperations.Left2(_c);
            _d = TOperations.Left3(_d);
            Round();
            _b = TOperations.Left3(_b);
            _c = TOperations.Left2(_c);
            _d = TOperations.Left1(_d);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Finish(uint* state, uint ahead, byte* stream)
        {
            var start = Create(state, ahead);
            TOperations.Store(
                TOperations.Add(_a, start._a), TOperations.Add(_b, start._b), TOperations.Add(_c, start._c), TOperations.Add(_d, start._d), stream);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Round()
        {
            _a = TOperations.Add(_a, _b);
            _d = TOperations.XorRotate16(_d, _a);
            _c = TOperations.Add(_c, _d);
            _b = TOperations.XorRotate12(_b, _c);
            _a = TOperations.Add(_a, _b);
            _d = TOperations.XorRotate8(_d, _a);
            _c = TOperations.Add(_c, _d);
            _b = TOperations.XorRotate7(_b, _c);
        }
    }
}
