namespace Kadath.Crypto;

/// <summary>A point of y² = x³ - 3x + b as (X : Y : Z), x = X/Z, y = Y/Z; infinity is (0 : 1 : 0). X below 70p, Y and Z below 20p.</summary>
/// <remarks>Additions are by the complete formulas of Renes, Costello and Batina (2015, algorithms 4 and 5): no pair of points of a curve of odd order is an exception.</remarks>
internal struct NistPoint<T>
    where T : unmanaged, IResidue<T>
{
    public T X, Y, Z;

    public static NistPoint<T> Infinity => new() { Y = T.One };

    /// <summary>p + q, either of which may be infinity or equal or opposite to the other.</summary>
    public static void Add(out NistPoint<T> result, in NistPoint<T> p, in NistPoint<T> q, in T b)
    {
        T.Multiply(out var xx, p.X, q.X);
        T.Multiply(out var yy, p.Y, q.Y);
        T.Multiply(out var zz, p.Z, q.Z);
        CrossSum(out var xy, p.X, p.Y, q.X, q.Y, xx, yy);
        CrossSum(out var yz, p.Y, p.Z, q.Y, q.Z, yy, zz);
        CrossSum(out var xz, p.X, p.Z, q.X, q.Z, xx, zz);
        Finish(out result, xx, yy, zz, xy, yz, xz, b);
    }

    /// <summary>p + q for an affine q.</summary>
    public static void Add(out NistPoint<T> result, in NistPoint<T> p, in NistAffinePoint<T> q, in T b)
    {
        T.Multiply(out var xx, p.X, q.X);
        T.Multiply(out var yy, p.Y, q.Y);
        CrossSum(out var xy, p.X, p.Y, q.X, q.Y, xx, yy);
        T.Multiply(out var yz, q.Y, p.Z);
        T.Add(out yz, yz, p.Y);
        T.Multiply(out var xz, q.X, p.Z);
        T.Add(out xz, xz, p.X);
        Finish(out result, xx, yy, p.Z, xy, yz, xz, b);
    }

    /// <summary>-p where the mask is all ones, p where it is zero.</summary>
    public static void NegateWhere(ref NistPoint<T> p, ulong mask)
    {
        T.Subtract(out var negated, default, p.Y);
        T.Select(ref p.Y, negated, mask);
    }

    /// <summary>(p + p')(q + q') - pq - p'q' = pq' + p'q.</summary>
    private static void CrossSum(out T result, in T p0, in T p1, in T q0, in T q1, in T product0, in T product1)
    {
        T.Add(out var left, p0, p1);
        T.Add(out var right, q0, q1);
        T.Multiply(out result, left, right);
        T.Add(out right, product0, product1);
        T.Subtract(out result, result, right);
    }

    /// <summary>The common end of both formulas; zz is below 20p, the other products below 80p.</summary>
    private static void Finish(out NistPoint<T> result, in T xx, in T yy, in T zz, in T xy, in T yz, in T xz, in T b)
    {
        // u = 3(xz - b·zz), below 432p.
        T.Multiply(out var u, b, zz);
        T.Subtract(out u, xz, u);
        Triple(out u, u);
        T.SubtractWide(out var difference, yy, u);
        T.Add(out var sum, yy, u);

        // v = 3(b·xz - 3zz - xx), w = 3(xx - zz).
        Triple(out var zzThrice, zz);
        T.Multiply(out var v, b, xz);
        T.Subtract(out v, v, zzThrice);
        T.Subtract(out v, v, xx);
        Triple(out v, v);
        Triple(out var w, xx);
        T.Subtract(out w, w, zzThrice);

        // X = xy·sum - yz·v, Y = sum·difference + w·v, Z = yz·difference + xy·w.
        T.Multiply(out var t, yz, v);
        T.Multiply(out result.X, xy, sum);
        T.Subtract(out result.X, result.X, t);
        T.Multiply(out t, w, v);
        T.Multiply(out result.Y, sum, difference);
        T.Add(out result.Y, result.Y, t);
        T.Multiply(out t, xy, w);
        T.Multiply(out result.Z, yz, difference);
        T.Add(out result.Z, result.Z, t);
    }

    private static void Triple(out T result, in T f)
    {
        T.Add(out var twice, f, f);
        T.Add(out result, twice, f);
    }
}

/// <summary>A point with Z = 1; infinity has none.</summary>
internal struct NistAffinePoint<T>
    where T : unmanaged, IResidue<T>
{
    public T X, Y;

    public readonly NistPoint<T> ToProjective() => new() { X = X, Y = Y, Z = T.One };

    /// <summary>-p where the mask is all ones, p where it is zero.</summary>
    public static void NegateWhere(ref NistAffinePoint<T> p, ulong mask)
    {
        T.Subtract(out var negated, default, p.Y);
        T.Select(ref p.Y, negated, mask);
    }
}

/// <summary>A point other than infinity as x = X/Z², y = Y/Z³, for runs of doublings: eight multiplications each instead of thirteen.</summary>
/// <remarks>On a curve of odd order no point but infinity is an exception to the doubling.</remarks>
internal struct JacobianPoint<T>
    where T : unmanaged, IResidue<T>
{
    private T _x, _y, _z;

    public static void From(out JacobianPoint<T> result, in NistPoint<T> p)
    {
        T.Multiply(out result._x, p.X, p.Z);
        T.Square(out var zz, p.Z);
        T.Multiply(out result._y, p.Y, zz);
        result._z = p.Z;
    }

    public readonly void ToProjective(out NistPoint<T> result)
    {
        T.Multiply(out result.X, _x, _z);
        result.Y = _y;
        T.Square(out var zz, _z);
        T.Multiply(out result.Z, zz, _z);
    }

    /// <summary>2p in place, by the formula dbl-2001-b of Bernstein for a = -3.</summary>
    public void Double()
    {
        T.Square(out var delta, _z);
        T.Square(out var gamma, _y);

        // beta = 4X·gamma, alpha = 3(X - delta)(X + delta).
        T.Add(out var t, _x, _x);
        T.Add(out t, t, t);
        T.Multiply(out var beta, t, gamma);
        T.Subtract(out t, _x, delta);
        T.Add(out var alpha, t, t);
        T.Add(out t, alpha, t);
        T.Add(out alpha, _x, delta);
        T.Multiply(out alpha, alpha, t);

        // Z = 2YZ, X = alpha² - 2beta.
        T.Add(out t, _y, _y);
        T.Multiply(out _z, t, _z);
        T.Square(out _x, alpha);
        T.Add(out t, beta, beta);
        T.Subtract(out _x, _x, t);

        // Y = alpha(beta - X) - 8gamma² = -(alpha(X - beta) + 8gamma²): what is subtracted stays small.
        T.Subtract(out t, _x, beta);
        T.Multiply(out t, alpha, t);
        T.Add(out gamma, gamma, gamma);
        T.Square(out gamma, gamma);
        T.Add(out gamma, gamma, gamma);
        T.Add(out t, t, gamma);
        T.Subtract(out _y, default, t);
    }
}
