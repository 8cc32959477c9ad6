using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>The S-box of AES as a circuit of 113 gates (Boyar and Peralta, "A depth-16 circuit for the AES S-box", 2011), over words of bits.</summary>
internal static unsafe class AesSubstitution
{
    /// <summary>Applies the S-box to all bytes; <c>q[7]</c> holds their highest bits.</summary>
    [SkipLocalsInit]
    public static void Apply(ulong* q)
    {
        var y = stackalloc ulong[22];
        var t = stackalloc ulong[5];
        var z = stackalloc ulong[18];
        Top(q, y);
        var x7 = q[0];
        Inverse(x7, y, t);
        Multiply(x7, y, t, z);
        Bottom(z, q);
    }

    /// <summary>The linear layer before the inversion.</summary>
    private static void Top(ulong* q, ulong* y)
    {
        ulong x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4], x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
        y[14] = x3 ^ x5;
        y[13] = x0 ^ x6;
        y[9] = x0 ^ x3;
        y[8] = x0 ^ x5;
        var t0 = x1 ^ x2;
        y[1] = t0 ^ x7;
        y[4] = y[1] ^ x3;
        y[12] = y[13] ^ y[14];
        y[2] = y[1] ^ x0;
        y[5] = y[1] ^ x6;
        y[3] = y[5] ^ y[8];
        var t1 = x4 ^ y[12];
        y[15] = t1 ^ x5;
        y[20] = t1 ^ x1;
        y[6] = y[15] ^ x7;
        y[10] = y[15] ^ t0;
        y[11] = y[20] ^ y[9];
        y[7] = x7 ^ y[11];
        y[17] = y[10] ^ y[11];
        y[19] = y[10] ^ y[8];
        y[16] = t0 ^ y[11];
        y[21] = y[13] ^ y[16];
        y[18] = x0 ^ y[16];
    }

    /// <summary>The inversion in GF(2^4), between the products before and after it. Gives t29, t33, t37, t40 and t41 of the paper.</summary>
    private static void Inverse(ulong x7, ulong* y, ulong* t)
    {
        var t2 = y[12] & y[15];
        var t4 = (y[3] & y[6]) ^ t2;
        var t6 = (y[4] & x7) ^ t2;
        var t7 = y[13] & y[16];
        var t9 = (y[5] & y[1]) ^ t7;
        var t11 = (y[2] & y[7]) ^ t7;
        var t12 = y[9] & y[11];
        var t14 = (y[14] & y[17]) ^ t12;
        var t16 = (y[8] & y[10]) ^ t12;
        var t21 = t4 ^ t14 ^ y[20];
        var t22 = t6 ^ t16 ^ y[19];
        var t23 = t9 ^ t14 ^ y[21];
        var t24 = t11 ^ t16 ^ y[18];
        var t25 = t21 ^ t22;
        var t26 = t21 & t23;
        var t27 = t24 ^ t26;
        var t29 = (t25 & t27) ^ t22;
        var t33 = ((t22 ^ t26) & (t23 ^ t24)) ^ t24;
        var t36 = t24 & (t27 ^ t33);
        var t37 = t36 ^ t23 ^ t33;
        var t40 = t25 ^ (t29 & (t27 ^ t36));
        t[0] = t29;
        t[1] = t33;
        t[2] = t37;
        t[3] = t40;
        t[4] = t40 ^ t37;
    }

    private static void Multiply(ulong x7, ulong* y, ulong* t, ulong* z)
    {
        ulong t29 = t[0], t33 = t[1], t37 = t[2], t40 = t[3], t41 = t[4];
        ulong t42 = t29 ^ t33, t43 = t29 ^ t40, t44 = t33 ^ t37, t45 = t42 ^ t41;
        z[0] = t44 & y[15];
        z[1] = t37 & y[6];
        z[2] = t33 & x7;
        z[3] = t43 & y[16];
        z[4] = t40 & y[1];
        z[5] = t29 & y[7];
        z[6] = t42 & y[11];
        z[7] = t45 & y[17];
        z[8] = t41 & y[10];
        z[9] = t44 & y[12];
        z[10] = t37 & y[3];
        z[11] = t33 & y[4];
        z[12] = t43 & y[13];
        z[13] = t40 & y[5];
        z[14] = t29 & y[2];
        z[15] = t42 & y[9];
        z[16] = t45 & y[14];
        z[17] = t41 & y[8];
    }

    /// <summary>The linear layer after the inversion, with the affine constant.</summary>
    private static void Bottom(ulong* z, ulong* q)
    {
        var t46 = z[15] ^ z[16];
        var t48 = z[5] ^ z[13];
        var t50 = z[2] ^ z[12];
        var t53 = z[0] ^ z[3];
        var t54 = z[6] ^ z[7];
        var t57 = t50 ^ t53;
        var t58 = z[4] ^ t46;
        var t59 = z[3] ^ t54;
        var t60 = t46 ^ t57;
        var t62 = z[7] ^ z[8] ^ t58;
        var t63 = z[9] ^ z[10] ^ t58;
        var t64 = z[4] ^ t59;
        var t65 = z[14] ^ t57 ^ t62;
        var t66 = z[1] ^ t63;
        var t67 = t64 ^ t65;
        var s3 = t53 ^ t66;
        q[7] = t59 ^ t63;
        q[6] = t64 ^ ~s3;
        q[5] = z[16] ^ z[17] ^ ~t67;
        q[4] = s3;
        q[3] = z[2] ^ z[5] ^ t66;
        q[2] = z[10] ^ z[11] ^ t65;
        q[1] = z[12] ^ t48 ^ ~t62;
        q[0] = t48 ^ ~t60;
    }
}
