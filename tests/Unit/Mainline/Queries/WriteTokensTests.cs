using System.Reflection;
using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Queries;

public sealed class WriteTokensTests
{
    private static readonly Id160 Target = Id160.Read("abcdefghij0123456789"u8);
    private static readonly Endpoint Peer = Endpoint.V4(0x01020304, 6881);
    private static readonly Instant Start = Instant.FromSeconds(300 * 100);

    [Fact]
    public void A_token_holds_for_its_address_and_target_at_any_port()
    {
        WriteTokens tokens = Make(1);
        byte[] token = Token(tokens, Peer, Target, Start);
        Assert.True(tokens.Check(token, Peer, Target, Start));
        Assert.True(tokens.Check(token, Peer.WithPort(9), Target, Start));
        Assert.False(tokens.Check(token, Endpoint.V4(0x01020305, 6881), Target, Start));
        Assert.False(tokens.Check(token, Peer, Id160.Flip(Target, 159), Start));
        Assert.False(tokens.Check(token[..7], Peer, Target, Start));
        Assert.False(tokens.Check([.. token, 0], Peer, Target, Start));
        Assert.False(tokens.Check([], Peer, Target, Start));
        for (int bit = 0; bit < 64; bit++)
        {
            token[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(tokens.Check(token, Peer, Target, Start));
            token[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_token_lives_for_this_window_and_the_next()
    {
        WriteTokens tokens = Make(1);
        byte[] token = Token(tokens, Peer, Target, Start);
        Assert.True(tokens.Check(token, Peer, Target, Start + TimeSpan.FromSeconds(299)));
        Assert.True(tokens.Check(token, Peer, Target, Start + TimeSpan.FromSeconds(599)));
        Assert.False(tokens.Check(token, Peer, Target, Start + TimeSpan.FromSeconds(600)));
        // A machine that slept past windows still knows the keys of those it is asked about.
        Assert.True(tokens.Check(token, Peer, Target, Start));
    }

    [Fact]
    public void Two_machines_differ()
    {
        byte[] token = Token(Make(1), Peer, Target, Start);
        Assert.False(Make(2).Check(token, Peer, Target, Start));
        Assert.True(Make(1).Check(token, Peer, Target, Start));
    }

    [Fact]
    public void Sisters_that_share_a_secret_and_the_wall_clock_take_each_others_tokens_whenever_they_were_started()
    {
        DateTimeOffset noon = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);
        byte[] secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        WriteTokens old = new(secret, CryptoProvider.Default), young = new(secret, CryptoProvider.Default);
        Instant oldNow = Instant.FromSeconds(5), youngNow = Instant.FromSeconds(900_000_000);
        Assert.True(old.Align(noon.AddDays(-400).ToUnixTimeMilliseconds(), oldNow));
        Token(old, Peer, Target, oldNow);
        oldNow += TimeSpan.FromDays(400);
        Assert.True(young.Align(noon.ToUnixTimeMilliseconds(), youngNow));
        for (int minute = 0; minute < 3 * 24 * 60; minute += 7)
        {
            TimeSpan later = TimeSpan.FromMinutes(minute);
            byte[] token = Token(old, Peer, Target, oldNow + later);
            Assert.Equal(token, Token(young, Peer, Target, youngNow + later));
            // Asked again in the next window, and across midnight, where the secret changes.
            Assert.True(young.Check(token, Peer, Target, youngNow + later + WriteTokens.Window));
        }

        secret[31]++;
        WriteTokens stranger = new(secret, CryptoProvider.Default);
        Assert.True(stranger.Align(noon.ToUnixTimeMilliseconds(), youngNow));
        Assert.False(stranger.Check(Token(old, Peer, Target, oldNow), Peer, Target, youngNow));
    }

    [Fact]
    public void The_secret_of_a_past_day_is_gone()
    {
        byte[] secret = new byte[32];
        WriteTokens tokens = new(secret, CryptoProvider.Default);
        Instant today = Instant.FromSeconds(1_000_000), tomorrow = today + TimeSpan.FromDays(1);
        long noon = new DateTimeOffset(2026, 3, 14, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        Assert.True(tokens.Align(noon, today));
        byte[] first = SecretOf(tokens, today), same = SecretOf(tokens, today + TimeSpan.FromHours(11)), next = SecretOf(tokens, tomorrow);
        Assert.Equal(first, same);
        Assert.NotEqual(first, next);
        Assert.NotEqual(secret, first);
        byte[] token = Token(tokens, Peer, Target, tomorrow);
        // A clock that falls back by more than a day is not followed: the windows go on.
        Assert.False(tokens.Align(noon - 86_400_000, tomorrow));
        Assert.False(tokens.Align(0, tomorrow));
        Assert.False(tokens.Align(long.MaxValue / 20_000, tomorrow));
        Assert.True(tokens.Check(token, Peer, Target, tomorrow));
        // A node's own secret changes as well, without any calendar.
        WriteTokens own = Make(3);
        Assert.NotEqual(SecretOf(own, Start), SecretOf(own, Start + TimeSpan.FromDays(60 * 365)));
    }

    [Fact]
    public void Machines_take_the_tokens_of_sisters_only_with_the_secret_they_share()
    {
        byte[] secret = [.. Enumerable.Range(1, 40).Select(i => (byte)i)];
        MainlineOptions sister = new() { TokenSecret = secret };
        TestNetwork network = new();
        TestMachine a = network.Add("127.0.0.1:6881", sister), b = network.Add("127.0.0.1:6882", sister), other = network.Add("127.0.0.1:6883");
        secret.AsSpan().Clear();
        Assert.True(a.Dht.AlignTokens(1_800_000_000_000, network.Now));
        Assert.True(b.Dht.AlignTokens(1_800_000_000_000, network.Now));
        byte[] token = new TestPeer(network, a, "127.0.0.1:7000").Token(Target);
        KrpcQuery announce = new() { Method = KrpcMethod.AnnouncePeer, Target = Target, Token = token, Port = 7000 };
        Assert.Equal(203, TestPeer.ErrorOf(new TestPeer(network, other, "127.0.0.1:7000").Ask(announce)));
        TestPeer atB = new(network, b, "127.0.0.1:7000");
        atB.Expect(atB.Ask(announce));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Add("127.0.0.1:6884", new() { TokenSecret = new byte[31] }));
    }

    private static byte[] SecretOf(WriteTokens tokens, Instant now)
    {
        Token(tokens, Peer, Target, now);
        return (byte[])((byte[])typeof(WriteTokens).GetField("_secret", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(tokens)!).Clone();
    }

    private static WriteTokens Make(ulong seed) => new(EntropyTree.FromSeed(seed).Stream(0), CryptoProvider.Default);

    private static byte[] Token(WriteTokens tokens, in Endpoint peer, in Id160 target, Instant now)
    {
        byte[] token = new byte[WriteTokens.Size];
        tokens.Write(token, peer, target, now);
        return token;
    }
}
